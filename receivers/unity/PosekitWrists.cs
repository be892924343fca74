// Moves two objects with the wrists of one person. Needs the package extOSC, by Iam1337.
// Put it on any object, drag two objects (spheres) into its fields, and press Play.
// Start the sender with: posekit send --for unity
using UnityEngine;
using extOSC;

public class PosekitWrists : MonoBehaviour
{
    [Tooltip("The port of posekit's target.")]
    public int port = 7000;

    [Tooltip("Whose wrists: 1 for the first slot.")]
    public int slot = 1;

    [Tooltip("Units of the scene for one picture height.")]
    public float size = 5f;

    public Transform leftWrist;
    public Transform rightWrist;

    private OSCReceiver _receiver;

    private void Start()
    {
        _receiver = gameObject.AddComponent<OSCReceiver>();
        _receiver.LocalPort = port;
        _receiver.Bind($"/p{slot}/left_wrist", message => Put(leftWrist, message));
        _receiver.Bind($"/p{slot}/right_wrist", message => Put(rightWrist, message));
        _receiver.Bind($"/p{slot}/active", OnActive);
        _receiver.Bind("/event/enter", message => Debug.Log($"enter: slot {message.Values[0].IntValue}"));
    }

    // x and y are 0 in the middle of the picture, in picture heights, y upwards; the score is 0 when the
    // wrist is not seen now, and then it stays where it was.
    private void Put(Transform what, OSCMessage message)
    {
        if (what == null || message.Values.Count < 3 || message.Values[2].FloatValue <= 0f)
        {
            return;
        }
        what.localPosition = new Vector3(message.Values[0].FloatValue, message.Values[1].FloatValue, 0f) * size;
    }

    private void OnActive(OSCMessage message)
    {
        bool isThere = message.Values[0].IntValue == 1;
        foreach (Transform what in new[] { leftWrist, rightWrist })
        {
            if (what != null)
            {
                what.gameObject.SetActive(isThere);
            }
        }
    }
}
